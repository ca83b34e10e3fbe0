using System.Data.Common;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>
/// One connection to a database that speaks SQL. Parameters are positional: <c>$1</c>, <c>$2</c>, ...
/// Not for use by two threads at a time.
/// </summary>
internal abstract class SqlSession
{
    /// <returns>The number of rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>Like <see cref="Execute"/>, where nobody asks how many rows: it is done before whatever is asked next, or with the commit.</summary>
    public virtual void Run(string sql, params ReadOnlySpan<object?> values) => Execute(sql, values);

    public List<T> Query<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values) => [.. Each(sql, read, values)];

    /// <summary>Row after row, as far as the caller goes, and once; nothing else may be asked meanwhile.</summary>
    public IEnumerable<T> Each<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values) => Rows(Bind(sql, values), read);

    /// <returns>The first row, or the default where there is none.</returns>
    public T? First<T>(string sql, Func<DbDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var rows = Bind(sql, values).ExecuteReader();
        return rows.Read() ? read(rows) : default;
    }

    /// <summary>A command with its values, ready to run once.</summary>
    protected abstract DbCommand Bind(string sql, ReadOnlySpan<object?> values);

    private static IEnumerable<T> Rows<T>(DbCommand command, Func<DbDataReader, T> read)
    {
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return read(rows);
        }
    }
}
