namespace SlabGen.Tests.Generated;

/// <summary>A class that its own part configures lives in the runtime named there, with options that are code; hooks and leases stay.</summary>
public sealed class ConfigureTests
{
    [Fact]
    public void The_part_names_runtime_account_limit_and_warning()
    {
        Assert.Contains(TenantCache.Cache, Tenants.Runtime.Caches);
        Assert.DoesNotContain(TenantCache.Cache, SlabRuntime.Default.Caches);
        Assert.Equal(64, TenantCache.Cache.Snapshot().Alignment); // what the attribute sets is kept

        using (TenantCache.Lease lease = TenantCache.Rent())
        {
            Assert.Equal(1, lease.Value.Ready);
            Assert.True(Tenants.Account.Used > 0);
        }

        var all = new SlabPtr<Tenant>[10];
        TenantCache.AllocBulk(all);
        Assert.False(TenantCache.TryAlloc(out _));
        Assert.Equal("Tenant", Tenants.Warned);
        TenantCache.FreeBulk(all);
    }
}

[SlabCache(Alignment = 64)]
internal struct Tenant
{
    public long Id;
    public int Ready;

    [SlabInit]
    internal void Begin() => Ready = 1;
}

internal static partial class TenantCache
{
    static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options)
    {
        runtime = Tenants.Runtime;
        options = options with { MaxObjects = 10, Account = Tenants.Account, LimitWarning = static warning => Tenants.Warned = warning.CacheName };
    }
}

internal static class Tenants
{
    public static readonly SlabRuntime Runtime = new(new SlabRuntimeOptions { MemoryLimit = 32 << 20 });
    public static readonly SlabAccount Account = new("tenants", 8 << 20);

    public static string? Warned { get; set; }
}
