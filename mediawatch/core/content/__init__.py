"""What the text of a new post may give away: pure searches that nominate candidates, and never decide."""
