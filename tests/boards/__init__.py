"""Real boards in folders: Debian's own packages, Ansible's roles, systemd as the first process."""
