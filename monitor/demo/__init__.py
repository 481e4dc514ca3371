"""A made-up provider with five customers and months of history: something to look at before there is anything."""
