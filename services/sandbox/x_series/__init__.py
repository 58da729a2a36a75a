"""Lightspeed Retail X-Series: the vendor's side, after `lightspeed-retail-x-series.md`."""
