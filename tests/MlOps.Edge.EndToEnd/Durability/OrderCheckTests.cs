using System.Globalization;
using System.Text;
using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>The check itself, on logs written by hand: it must find what is wrong with them.</summary>
public sealed class OrderCheckTests
{
    private const string Folder = "/state";
    private const string Log = "/state/outbox.db-wal";
    private const string Socket = "socket:[7]";
    private static readonly byte[] Batch = new TelemetryBatch { Protocol = 1, StreamEpoch = ByteString.CopyFrom(new byte[16]), Sequence = 300, Device = "d1" }.ToByteArray();
    private static readonly string Write = $"pwrite64(9<{Hex(Log)}>, \"{Hex([0, 0, .. Batch, 0])}\", {Batch.Length + 3}, 32) = {Batch.Length + 3}";
    private static readonly string Sync = $"fsync(9<{Hex(Log)}>) = 0";
    private static readonly string Connect = $"sendto(5<{Hex(Socket)}>, \"{Hex([0x10, 0x00])}\", 2, 0, NULL, 0) = 2";
    private static readonly string Publish = Sends([0x32, (byte)(2 + Topic.Length + 3 + Batch.Length), 0, (byte)Topic.Length, .. Encoding.UTF8.GetBytes(Topic), 0, 1, 0, .. Batch]);
    private const string Topic = "mlops/v1/d/d1/up/telemetry";

    [Fact]
    public void A_batch_that_was_written_and_synced_may_leave() => Assert.Empty(Early(Lines(Connect, Write, Sync, Publish)));

    [Fact]
    public void A_batch_that_was_never_written_may_not() => Assert.Single(Early(Lines(Connect, Sync, Publish)));

    [Fact]
    public void A_batch_that_was_not_synced_may_not() => Assert.Single(Early(Lines(Connect, Write, Publish, Sync)));

    [Fact]
    public void A_sync_before_the_write_does_not_count() => Assert.Single(Early(Lines(Connect, Sync, Write, Publish)));

    [Fact]
    public void A_sync_of_another_file_does_not_count() => Assert.Single(Early(Lines(Connect, Write, Sync.Replace(Hex(Log), Hex("/state/outbox.db"), StringComparison.Ordinal), Publish)));

    [Fact]
    public void A_sync_that_another_thread_has_not_ended_does_not_count() => Assert.Single(Early(
        [$"12 1.0 {Connect}", $"12 1.1 {Write}", $"11   1.2 fsync(9<{Hex(Log)}> <unfinished ...>", $"12 1.3 {Publish}", "11   1.4 <... fsync resumed>) = 0"]));

    [Fact]
    public void A_sync_that_began_before_the_write_had_ended_does_not_count() => Assert.Single(Early(
        [$"12 1.0 {Connect}", $"11   1.1 fsync(9<{Hex(Log)}> <unfinished ...>", $"12 1.2 {Write}", "11   1.3 <... fsync resumed>) = 0", $"12 1.4 {Publish}"]));

    [Fact]
    public void A_sync_in_which_the_process_was_killed_does_not_count() => Assert.Single(Early(
        [$"12 1.0 {Connect}", $"12 1.1 {Write}", $"12 1.2 {Sync[..^1]}?", $"12 1.3 +++ killed by SIGKILL +++", $"13 1.4 {Publish}"]));

    private static IReadOnlyList<string> Early(IEnumerable<string> log) => OrderCheck.EarlyBatches(new Recording().Add(new StringReader(string.Join('\n', log))), Folder);

    private static IEnumerable<string> Lines(params string[] calls) => calls.Select((call, i) => string.Create(CultureInfo.InvariantCulture, $"12 1.{i} {call}"));

    private static string Sends(byte[] data) => $"sendto(5<{Hex(Socket)}>, \"{Hex(data)}\", {data.Length}, 0, NULL, 0) = {data.Length}";

    private static string Hex(string text) => Hex(Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] data) => string.Concat(data.Select(b => string.Create(CultureInfo.InvariantCulture, $"\\x{b:x2}")));
}
