using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace MlOps.Edge.Api.Tests.Backups;

public sealed class BackupEndpointsTests
{
    [Fact]
    public async Task A_backup_comes_with_its_digest_and_leaves_no_file_behind()
    {
        await using var cloud = await TestCloud.StartAsync();
        using var answer = await cloud.Http.GetAsync("/api/v1/backup", TestContext.Current.CancellationToken);
        var content = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(cloud.Rooms.Backups.Content, content);
        Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:", Assert.Single(answer.Headers.GetValues("Content-Digest")));
        await cloud.DisposeAsync();
        Assert.False(File.Exists(Assert.Single(cloud.Rooms.Backups.Taken)));
    }

    [Fact]
    public async Task What_is_not_in_a_backup_is_said_with_it()
    {
        await using var cloud = await TestCloud.StartAsync();
        cloud.Rooms.Backups.NotIncluded = "telemetry; it is elsewhere";
        using var answer = await cloud.Http.GetAsync("/api/v1/backup", TestContext.Current.CancellationToken);
        Assert.Equal("telemetry; it is elsewhere", Assert.Single(answer.Headers.GetValues("Mlops-Not-Included")));
    }

    [Theory]
    [InlineData("everything durable", HttpStatusCode.Accepted, "cloud.db.replaced-1", 1)]
    [InlineData("something else", HttpStatusCode.UnprocessableEntity, "no backup", 0)]
    public async Task A_backup_is_taken_or_refused(string body, HttpStatusCode status, string says, int restarts)
    {
        await using var cloud = await TestCloud.StartAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/vnd.sqlite3");
        using var answer = await cloud.Http.PostAsync("/api/v1/restore", content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, restarts), (answer.StatusCode, cloud.Rooms.Backups.Restarts));
        Assert.Contains(says, text, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(text).RootElement.ValueKind);
    }
}
