namespace SlabGen.Generators.Tests;

/// <summary>A file of a user who has two caches.</summary>
internal static class UserCode
{
    /// <summary>The body of a method, in a class with what the bodies of the tests need.</summary>
    public static string Method(string body) => Class($"static void Run(bool flag, SlabPtr<Order>[] array) {{ {body} }}");

    /// <summary>Members of that class.</summary>
    public static string Class(string members) =>
        $$"""
        using System;
        using System.Collections.Generic;
        using System.Runtime.CompilerServices;
        using System.Threading.Tasks;
        using SlabGen;

        [SlabCache] public struct Order { public long Id, Price; public SlabPtr<Order> Next; }
        [SlabCache] public struct Customer { public long Id; }

        public unsafe class User
        {
            static SlabPtr<Order> s_order;
            static readonly SlabHandles<Order> s_orders = new(OrderCache.Cache);
            static Action? s_action;
            static event Action? Happened;
            static void Use(SlabPtr<Order> order) { }
            static void Init(ref Order order) { }
            static bool Check() => true;

            {{members}}
        }
        """;
}
