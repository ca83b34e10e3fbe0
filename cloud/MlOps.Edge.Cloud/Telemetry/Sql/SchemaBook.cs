using System.Collections.Concurrent;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>A schema never changes under its name, so what was read once is kept.</summary>
internal sealed class SchemaBook(ISqlDatabase database) : ISchemaBook
{
    private readonly ConcurrentDictionary<Guid, Schema> _known = [];

    public Schema? FindSchema(ReadOnlyMemory<byte> id)
    {
        if (id.Length != SchemaId.Bytes)
        {
            return null;
        }

        var key = new Guid(id.Span);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        var name = id.ToArray();
        var content = database.ReadNow(session => session.First("SELECT content FROM telemetry_schema WHERE name = $1", row => row.GetFieldValue<byte[]>(0), name));
        return content is null ? null : _known.GetOrAdd(key, Schema.Parser.ParseFrom(content));
    }
}
