"""Wires the products service. It is healthy and has nothing to keep in step yet."""

from __future__ import annotations

from libs.common.service import House, Service


def build(house: House) -> Service:
    return Service(name="products")
