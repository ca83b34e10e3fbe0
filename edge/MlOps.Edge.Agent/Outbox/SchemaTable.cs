using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Every schema that a batch of this device names, and whether the cloud has learned it: until it has, a batch that names one carries it.
/// Holds for all streams. Few, so they are in memory too.
/// </summary>
internal sealed class SchemaTable(OutboxConnection file)
{
    private readonly Dictionary<ByteString, (Schema Schema, bool Acknowledged)> _known = [];

    /// <summary>Makes memory what the file is.</summary>
    public void Load()
    {
        _known.Clear();
        using var command = file.Command("SELECT id, schema, acknowledged FROM dictionary");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            _known[ByteString.CopyFrom(row.GetFieldValue<byte[]>(0))] = (Schema.Parser.ParseFrom(row.GetFieldValue<byte[]>(1)), row.GetInt64(2) != 0);
        }
    }

    /// <summary>Notes the schemas that a batch names.</summary>
    /// <returns>Those that it must carry.</returns>
    public IReadOnlyList<Schema> Introduce(IEnumerable<Schema> named)
    {
        var carried = new List<Schema>();
        foreach (var schema in named)
        {
            var id = SchemaId.Of(schema);
            if (!_known.TryGetValue(id, out var known))
            {
                known = _known[id] = (schema, false);
                file.Execute("INSERT INTO dictionary (id, schema, acknowledged) VALUES ($id, $schema, 0)", ("$id", id.ToByteArray()), ("$schema", schema.ToByteArray()));
            }

            if (!known.Acknowledged)
            {
                carried.Add(schema);
            }
        }

        return carried;
    }

    /// <summary>The schema of that name; null: no batch ever named it.</summary>
    public Schema? Find(ByteString id) => _known.TryGetValue(id, out var known) ? known.Schema : null;

    /// <summary>Notes whether the cloud has learned a schema.</summary>
    public void Note(ByteString id, bool acknowledged)
    {
        if (_known.TryGetValue(id, out var known) && known.Acknowledged != acknowledged)
        {
            _known[id] = known with { Acknowledged = acknowledged };
            file.Execute("UPDATE dictionary SET acknowledged = $acknowledged WHERE id = $id", ("$acknowledged", acknowledged ? 1 : 0), ("$id", id.ToByteArray()));
        }
    }
}
