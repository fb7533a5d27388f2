"""What the host does beside serving: judges and upgrades the database, backs it up, restores it, collects garbage, checks health.

Settings come from the environment that `host/bin/environment` makes. No module knows Pulumi.
"""
