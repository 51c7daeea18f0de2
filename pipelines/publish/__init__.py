"""Candidate → decision → release: what leaves the house, and why it may.

`candidate` exports the exact bytes, `descriptor` describes them, `gate` decides on recorded
evidence for exactly these bytes, `release` signs and makes them public in one step, `withdraw`
takes that back, `verify` proves a release offline, `catalogue` compares what is published with what
was planned.
"""
