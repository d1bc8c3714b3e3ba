"""What streaming costs, measured side by side with other clients: ``python -m tests.bench [--quick] [--profile]``.

Read ``rows`` first: it is the table of what is compared. ``works`` holds the programs that are timed, ``measure`` runs
them, ``report`` writes RESULTS.md, from which README's table is made.
"""
