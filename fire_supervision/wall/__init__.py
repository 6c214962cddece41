"""Row-level security of PostgreSQL: which table is walled how, the policies, the roles, and what is missing."""
