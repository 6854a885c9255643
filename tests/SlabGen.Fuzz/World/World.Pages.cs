using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

// Whole pages, with references and maps.
public sealed partial class World
{
    private readonly List<(PagePtr Page, Live? Contents, int References)> _pages = [];

    private PageAllocator Pages => _runtime.Pages;

    private void UsePages()
    {
        switch (_script.Below(6))
        {
            case 0 or 1:
                AllocPages();
                break;
            case 2:
                FreePages();
                break;
            case 3 when _pages.Count > 0:
                Note("takes a reference to pages");
                int index = _script.Below(_pages.Count);
                (PagePtr page, Live? contents, int references) = _pages[index];
                Pages.Get(page);
                _pages[index] = (page, contents, references + 1);
                Refused<InvalidOperationException>("frees pages that others hold", () => Pages.FreePages(page));
                break;
            case 4 when _pages.Count > 0:
                Map(_pages[_script.Below(_pages.Count)].Page);
                break;
            default:
                Try("takes a page of zeros", () =>
                {
                    nint address = Pages.GetZeroedPage();
                    PagePtr page = Pages.PageOf(address);
                    _pages.Add((page, new Live(address, PageAllocator.PageSize, isZero: true), 1));
                    return true;
                });
                break;
        }
    }

    private void AllocPages()
    {
        int order = _script.Below(PageAllocator.MaxOrder + 1), exact = _script.Below(65536) * 7;
        bool isExact = _script.OneIn(4) && exact > 0, isHigh = _script.OneIn(4);
        GfpFlags gfp = _script.Any(GfpFlags.Kernel, GfpFlags.Atomic, GfpFlags.Kernel | GfpFlags.Zero) | (isHigh ? GfpFlags.HighMem : 0);
        ZoneFallback fallback = _script.Any(ZoneFallback.Strict, ZoneFallback.Preferred);
        PagePtr page = default;
        bool taken = Try(isExact ? $"takes pages for {exact} bytes, {gfp}" : $"takes 2^{order} pages, {gfp}", () =>
        {
            try
            {
                if (!isExact)
                {
                    return Pages.TryAllocPages(gfp, order, out page, fallback);
                }

                page = Pages.AllocPagesExact(exact, gfp, fallback);
                return true;
            }
            catch (IOException) when (isHigh)
            {
                return false; // no place to map it
            }
        });
        if (!taken)
        {
            return;
        }

        int pages = isExact ? (exact + PageAllocator.PageSize - 1) / PageAllocator.PageSize : 1 << order;
        Equal(pages, page.Pages, "the pages of a block");
        Live? contents = page.Address == 0 ? null : new Live(page.Address, pages * PageAllocator.PageSize, isZero: (gfp & GfpFlags.Zero) != 0);
        Require(contents is not null || isHigh, "Pages without an address, which nobody asked for.");
        _pages.Add((page, contents, 1));
    }

    private void FreePages()
    {
        if (_pages.Count == 0)
        {
            return;
        }

        int index = _script.Below(_pages.Count);
        (PagePtr page, Live? contents, int references) = _pages[index];
        Note($"frees {page.Pages} pages with {references} reference(s)");
        contents?.Check(_step);
        Equal(references, page.Count, "the references to pages");
        if (references > 1)
        {
            Require(!Pages.Put(page), "Not the last reference.");
            _pages[index] = (page, contents, references - 1);
            return;
        }

        _pages.RemoveAt(index);
        if (_script.OneIn(2))
        {
            Require(Pages.Put(page), "The last reference.");
        }
        else
        {
            Pages.FreePages(page);
        }
    }

    private void Map(PagePtr page)
    {
        Note("maps pages");
        if (!Pages.TryKmap(page, out nint address))
        {
            return;
        }

        if (page.MapCount > 0)
        {
            Refused<InvalidOperationException>("frees mapped pages", () => Pages.FreePages(page));
        }

        if (_pages.Find(held => held.Page == page).Contents is { } contents)
        {
            contents.Check(_step);
            Equal(contents.Address, address, "the place of a page that is always mapped");
        }

        Pages.Kunmap(page);
        if (page.Zone.Kind == ZoneKind.HighMem)
        {
            Refused<InvalidOperationException>("unmaps pages twice", () => Pages.Kunmap(page));
        }
    }

    private void FreeAllPages()
    {
        foreach ((PagePtr page, Live? contents, int references) in _pages)
        {
            contents?.Check("at the end");
            for (int i = 0; i < references; i++)
            {
                Equal(i == references - 1, Pages.Put(page), "the last reference");
            }
        }

        _pages.Clear();
    }
}
