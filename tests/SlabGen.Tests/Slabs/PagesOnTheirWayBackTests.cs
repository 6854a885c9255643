namespace SlabGen.Tests.Slabs;

/// <summary>
/// Pages on their way from a slab to the zone are counted as no user's. The end of a runtime counts users' pages while the finalizer may give back what
/// dead threads had, and would tell of a leak that is none.
/// </summary>
public sealed class PagesOnTheirWayBackTests
{
    [Theory]
    [InlineData(2000, 1500)]
    [InlineData(128 << 10, 50)] // larger than what page sets keep: each goes to the zone at once
    public void Pages_of_slabs_and_of_metadata_that_go_back_are_no_users_pages(int size, int count)
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("back", size, new SlabCacheOptions { NoMagazines = true, MinPartial = 0 });
        nint[] objects = new nint[count];
        for (int round = 0; round < 40; round++)
        {
            cache.AllocBulk(objects);
            bool isDone = false;
            var other = new Thread(() =>
            {
                Array.ForEach(objects, cache.Free);
                Volatile.Write(ref isDone, true);
            });
            other.Start();
            long most = 0;
            while (!Volatile.Read(ref isDone))
            {
                most = Math.Max(most, runtime.Pages.CountUserBytes());
            }

            other.Join();
            Assert.Equal(0, most);
        }

        runtime.Close();
    }
}
