"""How samples lie in bytes: quick bodies of the journal, which are moved about as they are packed, and tight ones of
chunks, with the roll-ups beside them."""
