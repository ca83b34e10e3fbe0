using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>What upkeep and queries leave to the database: where one does it another way than the others.</summary>
internal interface ITelemetryEngine
{
    ISqlDatabase Database { get; }

    IUnitBook Units { get; }

    /// <summary>Of <c>telemetry_batch</c>: a <see cref="KeyHash"/> for each batch of a row. Null: the row is one batch, and its key is kept elsewhere.</summary>
    string HashColumn { get; }

    /// <summary>How many batches a row of <c>telemetry_batch</c> has.</summary>
    string CountColumn { get; }

    /// <summary>The first and the last sequence of each row of stream <c>$1</c> that ends behind <c>$2</c>, ascending.</summary>
    string Sequences { get; }

    /// <summary>A condition on a column of numbers: it is one of <paramref name="parameter"/>, as <see cref="List"/> made it.</summary>
    string IsOneOf(string column, string parameter);

    /// <summary>Numbers as one parameter.</summary>
    object List(long[] numbers);

    /// <summary>Deletes a row; its sequences are folded by the caller.</summary>
    void Delete(SqlSession session, BatchRow row);

    /// <summary>Writes what is left of a row, each batch that is not empty at its own position; the sequences of the others are folded by the caller.</summary>
    /// <returns>Bytes of the payloads that are left.</returns>
    int Write(SqlSession session, BatchRow row);

    /// <summary>Within the transaction of the caller there came to be so many bytes and rows of batches more, or fewer.</summary>
    void NoteHeld(SqlSession session, long bytes, int rows);

    /// <summary>Room that is taken, without what lies free within it.</summary>
    long UsedBytes(SqlSession session);

    /// <summary>Called when sequences became ranges and that is committed.</summary>
    void ForgetStreams();

    /// <summary>A block of the unit became this long; that is saved already.</summary>
    void NoteLength(UnitEntry unit, long ms);

    /// <summary>Gives room that nothing uses back to the file system, some at a time, and makes ready what is written into next.</summary>
    Task TidyAsync(CancellationToken cancellationToken);

    /// <summary>Upkeep is done by one at a time, also where several clouds share the store.</summary>
    /// <returns>Null: another does it now.</returns>
    Task<IAsyncDisposable?> BeginUpkeepAsync(CancellationToken cancellationToken);
}
