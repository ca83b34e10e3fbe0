namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>
/// Weighs a TensorProto: what it declares must be what it brings. A few bytes that declare gigabytes never get further.
/// Field numbers: onnx/onnx.proto, TensorProto.
/// </summary>
internal sealed class TensorCheck(GraphBudget budget)
{
    private int _tensors;
    private long _elements;

    /// <summary>Checks one tensor and adds it to the sums.</summary>
    /// <returns>Its name and its number of elements.</returns>
    public TensorFacts Weigh(ReadOnlySpan<byte> message)
    {
        var tensor = new WireReader(message);
        var dims = new List<long>();
        var (name, type, brought, raw) = ("", 0L, 0L, -1L);
        while (tensor.Next())
        {
            switch (tensor.Field)
            {
                case 1: tensor.Ints(dims, budget.Rank); break;
                case 2: type = tensor.Int(); break;
                case 3: throw new GraphRejectedException("a tensor comes in segments");
                case 4: brought += tensor.CountElements(4); break;          // float_data
                case 5 or 7 or 11: brought += tensor.CountElements(0); break; // int32_data, int64_data, uint64_data
                case 6: brought++; tensor.Skip(); break;                    // string_data
                case 8: name = tensor.Text(budget.NameBytes); break;
                case 9: raw = tensor.Bytes().Length; break;
                case 10: brought += tensor.CountElements(8); break;         // double_data
                case 13: throw new GraphRejectedException("a tensor keeps its data outside the file");
                case 14:
                    if (tensor.Int() != 0)
                    {
                        throw new GraphRejectedException("a tensor keeps its data outside the file");
                    }

                    break;
                default: tensor.Skip(); break;
            }
        }

        var elements = Elements(dims);
        var size = SizeOf(type);
        var fits = raw < 0 ? brought == elements : brought == 0 && size > 0 && raw == elements * size;
        if (!fits)
        {
            throw new GraphRejectedException($"tensor '{name}' declares {elements} elements of type {type} and brings others");
        }

        _elements += elements;
        if (++_tensors > budget.Tensors || _elements > budget.Elements)
        {
            throw new GraphRejectedException($"more than {budget.Tensors} tensors or {budget.Elements} elements of constants");
        }

        return new(name, elements);
    }

    private long Elements(List<long> dims)
    {
        long product = 1;
        foreach (var dimension in dims)
        {
            if (dimension < 0 || (dimension > 0 && product > budget.Elements / dimension))
            {
                throw new GraphRejectedException($"a tensor declares the shape [{string.Join(", ", dims)}]; {budget.Elements} elements are allowed");
            }

            product *= dimension;
        }

        return product;
    }

    // TensorProto.DataType: FLOAT 1, UINT8 2, INT8 3, UINT16 4, INT16 5, INT32 6, INT64 7, STRING 8, BOOL 9, FLOAT16 10, DOUBLE 11, UINT32 12, UINT64 13, BFLOAT16 16
    private static int SizeOf(long type) => type switch
    {
        2 or 3 or 9 => 1,
        4 or 5 or 10 or 16 => 2,
        1 or 6 or 12 => 4,
        7 or 11 or 13 => 8,
        8 => 0, // strings have no raw form
        _ => throw new GraphRejectedException($"a tensor has the element type {type}"),
    };
}

internal readonly record struct TensorFacts(string Name, long Elements);
