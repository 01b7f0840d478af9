"""Reading only: what is true of the database, and what follows from it."""
