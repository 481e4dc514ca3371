"""Campaigns: long proofs with their figures, ``make campaign-NAME``; ``make test`` runs a small part of each."""
