using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

public abstract class DeadLettersContract(StoreKind kind) : IAsyncLifetime
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly DeviceId A = DeviceId.Parse("a");
    private static readonly DeviceId B = DeviceId.Parse("b");

    private readonly TemporaryStores _stores = new(kind);

    private IDeadLetters Letters => _stores.Get<IDeadLetters>();

    public async ValueTask InitializeAsync()
    {
        for (byte n = 1; n <= 6; n++)
        {
            await _stores.Get<ITelemetryStore>().RejectAsync(n % 2 == 0 ? B : A, [n, n], $"reason {n}", At.AddSeconds(n), TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _stores.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task They_are_listed_newest_first_in_pages_and_by_device()
    {
        var first = await Letters.ListAsync(null, null, 4, TestContext.Current.CancellationToken);
        Assert.Equal(["reason 6", "reason 5", "reason 4", "reason 3"], first.Select(l => l.Reason));
        Assert.Equal((B, At.AddSeconds(6), 2), (first[0].Device, first[0].ReceivedAt, first[0].Bytes));
        Assert.Equal(["reason 2", "reason 1"], (await Letters.ListAsync(null, first[^1].Id, 4, TestContext.Current.CancellationToken)).Select(l => l.Reason));
        Assert.Equal(["reason 5", "reason 3", "reason 1"], (await Letters.ListAsync(A, null, 4, TestContext.Current.CancellationToken)).Select(l => l.Reason));
    }

    [Fact]
    public async Task One_can_be_fetched_as_it_came()
    {
        var newest = (await Letters.ListAsync(null, null, 1, TestContext.Current.CancellationToken))[0];
        var (letter, payload) = (await Letters.FindAsync(newest.Id, TestContext.Current.CancellationToken))!.Value;
        Assert.Equal(newest, letter);
        Assert.Equal([6, 6], payload);
        Assert.Null(await Letters.FindAsync(newest.Id + 1, TestContext.Current.CancellationToken));
    }
}

public sealed class SqliteDeadLettersTests() : DeadLettersContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresDeadLettersTests() : DeadLettersContract(StoreKind.Postgres);
