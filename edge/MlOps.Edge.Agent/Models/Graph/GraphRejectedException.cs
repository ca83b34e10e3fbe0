namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>The file is not one that ONNX Runtime may see. The message says why, in plain words.</summary>
internal sealed class GraphRejectedException(string message) : Exception(message);
