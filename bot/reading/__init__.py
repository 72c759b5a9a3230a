"""What outside sources write, made safe and plain: markup, prose and dates."""
