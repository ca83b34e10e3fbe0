using MlOps.Edge.Cloud.Telemetry;
using Parquet;
using Parquet.Schema;

namespace MlOps.Edge.Api.Telemetry;

/// <summary>
/// Writes frames as Parquet, a row for each: <c>time</c> (milliseconds, UTC), <c>device</c>, <c>asset</c>, <c>installation</c>, <c>frame</c>, then a float column
/// for each channel, NaN where a value is missing. The units of measure are in the file's metadata under <c>unit.</c> and the channel's name. A channel that
/// has the name of one of the first columns is written with <c>channel.</c> before it.
/// </summary>
internal static class RangeAsParquet
{
    /// <summary>Rows of a row group: what is held at once.</summary>
    private const int GroupRows = 65_536;

    private static readonly string[] Fixed = ["time", "device", "asset", "installation", "frame"];

    public static async Task WriteAsync(Stream to, RangePlan plan, IAsyncEnumerable<TelemetryPage> pages, CancellationToken cancellationToken)
    {
        DataField[] fields =
        [
            new DateTimeDataField("time", DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Millis, isNullable: false),
            new DataField<string>("device", nullable: false), new DataField<string>("asset", nullable: false), new DataField<int>("installation"), new DataField<long>("frame"),
            .. plan.Channels.Select(c => new DataField<float>(NameOf(c))),
        ];

        // The writer flushes without waiting, which a response does not allow: a row group is made in memory and sent whole.
        using var group = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), new Onward(group), cancellationToken: cancellationToken))
        {
            writer.CustomMetadata = plan.Channels.ToDictionary(c => $"unit.{NameOf(c)}", c => c.Unit);
            var (waiting, rows) = (new List<TelemetryPage>(), 0);
            await foreach (var page in pages.WithCancellation(cancellationToken))
            {
                waiting.Add(page);
                rows += page.Times.Count;
                if (rows >= GroupRows)
                {
                    await WriteGroupAsync(writer, fields, waiting, cancellationToken);
                    await SendAsync(group, to, cancellationToken);
                    waiting.Clear();
                    rows = 0;
                }
            }

            if (rows > 0)
            {
                await WriteGroupAsync(writer, fields, waiting, cancellationToken);
            }
        }

        await SendAsync(group, to, cancellationToken);
    }

    private static async Task WriteGroupAsync(ParquetWriter writer, DataField[] fields, List<TelemetryPage> pages, CancellationToken cancellationToken)
    {
        using var group = writer.CreateRowGroup();
        await group.WriteAsync<DateTime>(fields[0], pages.SelectMany(p => p.Times).Select(ms => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime).ToArray(), cancellationToken: cancellationToken);
        await group.WriteAsync(fields[1], Each(pages, p => p.Device.ToString()));
        await group.WriteAsync(fields[2], Each(pages, p => p.Unit.Asset.ToString()));
        await group.WriteAsync<int>(fields[3], Each(pages, p => p.Unit.Installation), cancellationToken: cancellationToken);
        await group.WriteAsync<long>(fields[4], pages.SelectMany(p => p.Frames!).ToArray(), cancellationToken: cancellationToken);
        for (var c = 0; c < fields.Length - Fixed.Length; c++)
        {
            await group.WriteAsync<float>(fields[Fixed.Length + c], pages.SelectMany(p => p.Values[c]).ToArray(), cancellationToken: cancellationToken);
        }
    }

    private static T[] Each<T>(List<TelemetryPage> pages, Func<TelemetryPage, T> value) => [.. pages.SelectMany(p => Enumerable.Repeat(value(p), p.Times.Count))];

    private static string NameOf(QueryChannel channel) => Fixed.Contains(channel.Name) ? $"channel.{channel.Name}" : channel.Name;

    private static async Task SendAsync(MemoryStream group, Stream to, CancellationToken cancellationToken)
    {
        await to.WriteAsync(group.GetBuffer().AsMemory(0, (int)group.Length), cancellationToken);
        group.SetLength(0);
    }

    /// <summary>Only goes forward, so that the writer counts by itself what it has written and the memory can be emptied between row groups.</summary>
    private sealed class Onward(MemoryStream to) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => to.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => to.Write(buffer, offset, count);
        public override void Write(ReadOnlySpan<byte> buffer) => to.Write(buffer);
    }
}
