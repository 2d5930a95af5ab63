"""The training report: what is known of a fit or an evaluation, as sections, and those as a page and as the model card."""
