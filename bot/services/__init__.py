"""Use cases. ``Services`` is the frozen bag that handlers receive."""
