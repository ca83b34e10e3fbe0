namespace MlOps.Edge.Cloud.Stores;

/// <summary>A database as those see it who write the same SQL for each: any number of readers beside one writer at a time.</summary>
internal interface ISqlDatabase
{
    /// <summary>Does a piece of work within a transaction, one such after another; completes when that is on disk.</summary>
    /// <param name="work">May be called again; an exception undoes only its own changes.</param>
    /// <param name="committed">Called when it is on disk, before the task completes.</param>
    Task<T> WriteAsync<T>(Func<SqlSession, T> work, Action<T>? committed, CancellationToken cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}(Func{SqlSession, T}, Action{T}, CancellationToken)"/>
    Task<T> WriteAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken) => WriteAsync(work, committed: null, cancellationToken);

    /// <summary>Reads what is committed, on the caller's thread: for what takes microseconds.</summary>
    T ReadNow<T>(Func<SqlSession, T> work);

    /// <summary>Reads what is committed, on a connection of its own.</summary>
    Task<T> ReadAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken);
}
