"""Addresses these tests know."""

PUBLIC = "93.184.215.14"
