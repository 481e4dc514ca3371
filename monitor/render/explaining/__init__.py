"""A contract in plain language, one module a chapter. Each says its part as sentences and list items, by the model
alone; ``monitor.render.explain`` puts them together."""
