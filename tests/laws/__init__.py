"""Laws: what must hold for every history, tried on many random ones."""
