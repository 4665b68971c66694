"""Classical methods: fitted by scikit-learn, served as ONNX graphs of plain operators, like the networks.

    recipes.py      what may be set of each method
    fit.py          training digits -> a fitted method; start here
    fitted.py       what a fitted method is
    components.py   svm, knn and bayes, on principal components
    trees.py        tree and forest, on pixels
    export.py       a fitted method -> model.onnx and model.json

A method scores labels; softmax of the scores over a temperature gives the probabilities. What a score is:

    svm      the log-probability that the label wins all of its nine pairs, each a logistic curve of its margin
    bayes    the log-likelihood of the label, with its share of the digits
    others   the logarithm of the label's share of votes, with a little doubt
"""
