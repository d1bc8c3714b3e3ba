"""What streaming costs, measured beside other clients: ``python -m tests.tools.bench [--quick] [--profile]``.

Read ``rows`` first: it is the table of what is compared. ``works`` holds the programs that are timed, ``measure`` runs
them, ``report`` writes RESULTS.md, from which README's table is made. The relay has files of its own, ``relay_…``.
"""
