using System.Collections.Frozen;

namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>
/// Operators that a model may use. Left out are those that run graphs within graphs (If, Loop, Scan), that read or make
/// what no input bounds (ConstantOfShape, Expand, Tile, Range, Resize, Random…), and other vendors' domains.
/// </summary>
internal sealed class OperatorList(IEnumerable<string> beyond)
{
    public const string MlDomain = "ai.onnx.ml";

    private static readonly string[] BuiltIn =
    [
        "Abs", "Add", "And", "ArgMax", "ArgMin", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Clip", "Concat", "Constant", "Conv",
        "CumSum", "Div", "Elu", "Equal", "Erf", "Exp", "Flatten", "Floor", "Gather", "GatherElements", "GatherND", "Gelu", "Gemm", "GlobalAveragePool",
        "GlobalMaxPool", "Greater", "GreaterOrEqual", "GRU", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "IsInf", "IsNaN",
        "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "LSTM", "MatMul", "Max", "MaxPool", "Mean", "Min", "Mod", "Mul",
        "Neg", "Not", "Or", "Pow", "PRelu", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
        "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Round", "Selu", "Shape", "Sigmoid", "Sign", "Slice", "Softmax",
        "Softplus", "Softsign", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "ThresholdedRelu", "TopK", "Transpose", "Unsqueeze", "Where", "Xor",
        $"{MlDomain}:LinearRegressor", $"{MlDomain}:Normalizer", $"{MlDomain}:Scaler", $"{MlDomain}:TreeEnsembleClassifier", $"{MlDomain}:TreeEnsembleRegressor",
    ];

    private readonly FrozenSet<string> _allowed = BuiltIn.Concat(beyond).ToFrozenSet(StringComparer.Ordinal);

    /// <param name="domain">Empty for the default domain, or its other name <c>ai.onnx</c>.</param>
    public bool Allows(string domain, string name) => _allowed.Contains(domain.Length == 0 ? name : $"{domain}:{name}");
}
