"""A stand-in for Exact Online: OAuth, limits, OData conventions and the bookkeeping behind them."""
