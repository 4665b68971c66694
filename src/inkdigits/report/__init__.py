"""Pages that show what a network learned, for people who teach it, learn it or trust it. The only home of matplotlib.

    report.py             a run -> one page and its figures: the table of sections
    explain.py            a picture, or an image of MNIST -> one page
    runs.py               a run folder -> Run: everything the sections show
    models.py             a graph, with its weights where there are any -> Model; a patch -> Specimen
    overview.py           sections: the figures at a glance
    training.py           sections: digits, normalisation, augmentation, curves
    layers.py             sections: the layers, with the size formula; and the same in a terminal
    answers.py            sections: predictions, confusion matrix, worst errors, scores, calibration
    inside.py             sections: one digit in numbers, feature maps, attribution
    attribute.py          which pixels an answer rests on
    charts.py             curves and diagrams
    leaderboard_chart.py  accuracy against parameters, a point a network
    drawings.py           matplotlib figures -> SVG that follows the page's colours, and files
    pictures.py           arrays of pixels -> images in the page
    page.py               sections -> one HTML file;  style.css, its looks
    markup.py             HTML elements, escaped

All of it needs the extra [train].
"""
