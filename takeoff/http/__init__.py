"""Whatever leaves the machine: sessions, logins, pages, operations, downloads."""
