"""Programs on top of the official client, by other people: run under ``sseclaude.dropin`` and without."""
