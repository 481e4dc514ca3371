"""Published service levels with figures: contracts of the gallery, facts, and what has to come out of them."""
