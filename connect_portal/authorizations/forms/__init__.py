"""What end users fill in: about their connections, and on the page of their account."""
