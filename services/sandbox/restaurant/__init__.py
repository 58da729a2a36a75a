"""Lightspeed Restaurant K-Series: what a bookkeeping link sees of it."""
