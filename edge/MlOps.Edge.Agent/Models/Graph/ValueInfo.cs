using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>Reads a ValueInfoProto: a name, a tensor type, a shape whose unknown dimension is -1.</summary>
internal static class ValueInfo
{
    public static TensorSpec Read(ReadOnlySpan<byte> message, GraphBudget budget)
    {
        var info = new WireReader(message);
        var (name, type, shape) = ("", "unknown", new List<int>());
        while (info.Next())
        {
            switch (info.Field)
            {
                case 1: name = info.Text(budget.NameBytes); break;
                case 2: type = TypeOf(info.Bytes(), shape, budget); break;
                default: info.Skip(); break;
            }
        }

        return new(name, type, shape);
    }

    private static string TypeOf(ReadOnlySpan<byte> message, List<int> shape, GraphBudget budget)
    {
        var type = new WireReader(message);
        var word = "unknown";
        while (type.Next())
        {
            switch (type.Field)
            {
                case 1: word = Tensor(type.Bytes(), shape, budget); break;
                case 6: type.Skip(); break; // denotation
                default: throw new GraphRejectedException("a value is not a tensor");
            }
        }

        return word;
    }

    private static string Tensor(ReadOnlySpan<byte> message, List<int> shape, GraphBudget budget)
    {
        var tensor = new WireReader(message);
        var element = 0L;
        while (tensor.Next())
        {
            switch (tensor.Field)
            {
                case 1: element = tensor.Int(); break;
                case 2: Shape(tensor.Bytes(), shape, budget); break;
                default: tensor.Skip(); break;
            }
        }

        return element switch { 1 => "float32", 6 => "int32", 7 => "int64", 9 => "bool", 11 => "float64", _ => $"type {element}" };
    }

    private static void Shape(ReadOnlySpan<byte> message, List<int> shape, GraphBudget budget)
    {
        var dims = new WireReader(message);
        long product = 1;
        while (dims.Next())
        {
            if (dims.Field != 1)
            {
                dims.Skip();
                continue;
            }

            var dimension = Dimension(dims.Bytes());
            product *= Math.Max(dimension, 1);
            if (shape.Count == budget.Rank || product > budget.Elements)
            {
                throw new GraphRejectedException($"a value declares more than {budget.Rank} dimensions or {budget.Elements} elements");
            }

            shape.Add((int)dimension);
        }
    }

    private static long Dimension(ReadOnlySpan<byte> message)
    {
        var dimension = new WireReader(message);
        var value = -1L;
        while (dimension.Next())
        {
            if (dimension.Field == 1)
            {
                value = dimension.Int() is >= 0 and <= int.MaxValue and var known ? known : throw new GraphRejectedException("a value declares a dimension out of range");
            }
            else
            {
                dimension.Skip();
            }
        }

        return value;
    }
}
