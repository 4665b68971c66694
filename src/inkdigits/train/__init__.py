"""Training: networks, recipes, the loop, export. The only home of torch and onnx."""
