"""The applicant's pages: joining, the form's sections, its people and documents, the review."""
