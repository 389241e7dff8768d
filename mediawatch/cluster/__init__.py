"""The same house on several machines: what the daemon does by its clock, a fleet does as jobs of Procrastinate.

`jobs.py`: which jobs there are, and in whose queue. `member.py`: the life of one worker. Neither looks, records, judges
or tells by itself: a job is one call of the daemon's own verb.
"""
