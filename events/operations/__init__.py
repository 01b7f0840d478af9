"""Every write: a module is what people do, a function is the verb."""
