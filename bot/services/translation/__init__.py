"""Words of people in another language, by an engine: protected, translated, restored, checked.

``translator`` is the way through an engine, ``posts`` what goes out to many, ``interpreter`` what
passes between one resident and their team.
"""
