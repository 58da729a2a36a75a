"""Lightspeed Retail (R-Series): its data API V3, its OAuth server and its tills, on rows in memory."""
