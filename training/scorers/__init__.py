"""How each scorer is fitted: from completions strictly before a moment to a frozen scorer of `recommender.scorers`."""
