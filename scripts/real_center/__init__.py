"""Steps that turn the call log of a real center into the tables of a scenario."""
