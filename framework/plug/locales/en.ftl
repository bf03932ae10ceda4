# Texts of the framework. The English sentence of a rule comes with the refusal itself, which knows the facts of the case, so
# the framework's rules need none here.
