using System.Security.Cryptography;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>The stream that new batches go into, and those before it. A sequence is given once, whatever happens.</summary>
internal sealed class StreamTable(OutboxConnection file)
{
    /// <summary>The current stream's ordinal on this device.</summary>
    public long Current { get; private set; }

    /// <summary>The sequence of the current stream's next batch.</summary>
    public long Next { get; private set; }

    /// <summary>Makes memory what the file is; a file without any stream begins its first.</summary>
    public void Load()
    {
        using var command = file.Command("SELECT ordinal, next FROM stream ORDER BY ordinal DESC LIMIT 1");
        using var row = command.ExecuteReader();
        (Current, Next) = row.Read() ? (row.GetInt64(0), row.GetInt64(1)) : (0, 0);
        if (Current == 0)
        {
            Begin();
        }
    }

    /// <summary>Begins a stream under a random epoch of 128 bits.</summary>
    public void Begin()
    {
        (Current, Next) = (Current + 1, 1);
        file.Execute("INSERT INTO stream (ordinal, epoch, next) VALUES ($stream, $epoch, 1)", ("$stream", Current), ("$epoch", RandomNumberGenerator.GetBytes(16)));
    }

    /// <summary>Takes the next sequence of a stream.</summary>
    public (BatchKey Key, byte[] Epoch) Take(long stream)
    {
        using var command = file.Command("UPDATE stream SET next = next + 1 WHERE ordinal = $stream RETURNING epoch, next", ("$stream", stream));
        using var row = command.ExecuteReader();
        row.Read();
        var next = row.GetInt64(1);
        if (stream == Current)
        {
            Next = next;
        }

        return (new(stream, next - 1), row.GetFieldValue<byte[]>(0));
    }

    /// <param name="epoch">32 lower-case hexadecimal digits; anything else is nobody's.</param>
    /// <returns>The stream's ordinal; null: it is not ours.</returns>
    public long? Find(string epoch)
    {
        if (epoch.Length != 32 || !epoch.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        using var command = file.Command("SELECT ordinal FROM stream WHERE epoch = $epoch", ("$epoch", Convert.FromHexString(epoch)));
        return (long?)command.ExecuteScalar();
    }
}
