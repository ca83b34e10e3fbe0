namespace MlOps.Edge.Gateway.Tests.Uplink;

public sealed class IngestByTheEmbeddedBrokerTests(RunningCloud cloud) : IngestSuite(cloud), IClassFixture<RunningCloud>;

public sealed class IngestByAnotherBrokerTests(CloudOnAnotherBroker cloud) : IngestSuite(cloud), IClassFixture<CloudOnAnotherBroker>;
