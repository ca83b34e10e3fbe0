namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>What an ONNX graph may hold before ONNX Runtime gets to see it.</summary>
internal sealed class GraphBudget
{
    /// <summary>Default: 4,096 nodes.</summary>
    public int Nodes { get; set; } = 4096;

    /// <summary>Initialisers and tensors in attributes. Default: 4,096.</summary>
    public int Tensors { get; set; } = 4096;

    /// <summary>Elements over all initialisers and tensors in attributes. Default: 16 Mi.</summary>
    public long Elements { get; set; } = 16L * 1024 * 1024;

    /// <summary>Elements that a value computed from constants alone may have: the loader folds those. Default: 4 Mi.</summary>
    public long FoldedElements { get; set; } = 4L * 1024 * 1024;

    /// <summary>Dimensions of a tensor. Default: 8.</summary>
    public int Rank { get; set; } = 8;

    /// <summary>Inputs and outputs of a node, and attributes of it. Default: 256.</summary>
    public int Fan { get; set; } = 256;

    /// <summary>Bytes of a name. Default: 512.</summary>
    public int NameBytes { get; set; } = 512;

    /// <summary>Nodes on the longest path of a decision tree. Default: 64.</summary>
    public int TreeDepth { get; set; } = 64;
}
